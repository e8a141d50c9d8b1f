# Settings of this environment: `make` reads ENV.tfvars. variables*.tf describes all settings.

# jwt_issuer   = "https://TENANT.eu.auth0.com/"
# alarm_emails = ["on-call@example.com"]
