# What is special about this environment. `make` reads the file ENV.tfvars; variables*.tf tell what there is.

# jwt_issuer = "https://TENANT.eu.auth0.com/"

# Both environments fit into one account and region, and here tables can go.
events_table_name         = "books-cqrs-staging-events"
catalogue_table_name      = "books-cqrs-staging-catalogue"
table_deletion_protection = false
