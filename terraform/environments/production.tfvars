# What is special about this environment. `make` reads the file ENV.tfvars; variables*.tf tell what there is.

# jwt_issuer   = "https://TENANT.eu.auth0.com/"
# alarm_emails = ["on-call@example.com"]
