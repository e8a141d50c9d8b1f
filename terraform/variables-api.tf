variable "jwt_issuer" {
  description = "Issuer (`iss`) of the access tokens, exactly as in the tokens: https://TENANT.REGION.auth0.com/ for Auth0, with the trailing slash; https://cognito-idp.REGION.amazonaws.com/POOL for Cognito, without one. API Gateway gets the signing keys through its OpenID configuration."
  type        = string

  validation {
    condition     = can(regex("^(https://[^/ ?#]+|http://(127\\.0\\.0\\.1|localhost)(:[0-9]+)?)(/[^ ?#]*)?$", var.jwt_issuer))
    error_message = "jwt_issuer must be an https URL without query or fragment (http only on the local host, for an AWS emulator)."
  }
}

variable "jwt_audience" {
  description = "Audience (`aud`) that access tokens must have: the identifier of the API in Auth0. By default the project's name."
  type        = string
  default     = null

  validation {
    condition     = var.jwt_audience == null || can(regex("^[!-~]+$", var.jwt_audience))
    error_message = "jwt_audience must be one audience, without spaces."
  }
}

variable "cors_origins" {
  description = "Origins whose pages may call the API in a browser, such as https://app.example.com; [\"*\"] for any. By default none may. CORS_ORIGINS is the same for a laptop."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = contains(var.cors_origins, "*") ? length(var.cors_origins) == 1 : alltrue([
      for origin in var.cors_origins : can(regex("^(https?://[a-z0-9.-]+(:[0-9]+)?)$", origin)) && !can(regex("^(https://.*:443|http://.*:80)$", origin))
    ])
    error_message = "cors_origins must be * alone, or origins such as https://app.example.com (without a path, and without a scheme's default port)."
  }
}

variable "docs" {
  description = "Whether the API has the page that documents it, /v1/catalog/docs. Its OpenAPI document and the pages of its problem types are there in any case."
  type        = bool
  default     = true
  nullable    = false
}

variable "throttling" {
  description = "Throttling limits of each route, by kind: `rate`, in requests per second, and `burst`. Requests beyond them get 429. Audits are GET and HEAD routes that require a token, reads are the other GET and HEAD routes, and writes are all other methods."
  type = object({
    reads  = object({ rate = number, burst = number })
    writes = object({ rate = number, burst = number })
    audits = object({ rate = number, burst = number })
  })
  default = {
    reads  = { rate = 500, burst = 1000 }
    writes = { rate = 100, burst = 200 }
    audits = { rate = 20, burst = 40 }
  }
  nullable = false

  validation {
    condition     = alltrue([for limit in values(var.throttling) : limit.rate >= 1 && limit.burst >= 1 && floor(limit.burst) == limit.burst])
    error_message = "Each kind of route needs a rate and a burst of 1 or more; the burst must be a whole number."
  }
}

variable "custom_domain" {
  description = "Custom domain name of the API: `name`, the `certificate_arn` of an ACM certificate in this region and, to create the DNS records too, the Route 53 `zone_id`. The API's default endpoint is then disabled."
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default = null

  validation {
    condition     = var.custom_domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.custom_domain.name))
    error_message = "custom_domain.name must be a domain name in lowercase, such as api.example.com."
  }

  validation {
    condition     = var.custom_domain == null || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$", var.custom_domain.certificate_arn))
    error_message = "custom_domain.certificate_arn must be the ARN of an ACM certificate."
  }
}
