variable "jwt_issuer" {
  description = "Issuer (`iss`) of the access tokens, exactly as the tokens have it: for Auth0 https://TENANT.REGION.auth0.com/ with its last slash, for Cognito https://cognito-idp.REGION.amazonaws.com/POOL without one. API Gateway reads the keys from its OpenID configuration."
  type        = string

  validation {
    condition     = can(regex("^(https://[^/ ?#]+|http://(127\\.0\\.0\\.1|localhost)(:[0-9]+)?)(/[^ ?#]*)?$", var.jwt_issuer))
    error_message = "jwt_issuer must be an https URL without query or fragment (http on this machine only, for an emulator of AWS)."
  }
}

variable "jwt_audience" {
  description = "Audience (`aud`) that an access token must name: in Auth0 the API's identifier. By default the project's name."
  type        = string
  default     = null

  validation {
    condition     = var.jwt_audience == null || can(regex("^[!-~]+$", var.jwt_audience))
    error_message = "jwt_audience must be one audience, without blanks."
  }
}

variable "throttling" {
  description = "Requests that the API lets through to each route, by its kind: `rate` a second in the long run, `burst` at once. Beyond it, 429. Writes are all but GET, audits are the GETs that need a token, reads the others."
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
    error_message = "Each kind of route needs a rate and a burst of 1 or more; a burst is a whole number."
  }
}

variable "custom_domain" {
  description = "A domain name of yours for the API: `name`, `certificate_arn` of an ACM certificate in this region and, for the DNS record to be made too, the Route 53 `zone_id`. The API's own address is then turned off."
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default = null

  validation {
    condition     = var.custom_domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.custom_domain.name))
    error_message = "custom_domain.name must be a domain name in lower case, such as books.example.com."
  }

  validation {
    condition     = var.custom_domain == null || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$", var.custom_domain.certificate_arn))
    error_message = "custom_domain.certificate_arn must be the ARN of an ACM certificate."
  }
}
