# Settings of this environment: `make` reads ENV.tfvars. variables*.tf describes all settings.

# jwt_issuer = "https://TENANT.eu.auth0.com/"

# Separate names, so that both environments fit into one account and region; and tables that can be deleted.
events_table_name         = "books-cqrs-staging-events"
catalogue_table_name      = "books-cqrs-staging-catalogue"
table_deletion_protection = false
