variable "name" {
  description = "Name of the environment's resources, for example secondhand-dev."
  type        = string
}

variable "environment" {
  description = "The environment: GitHub's `<environment>-plan` and `<environment>-apply` take the roles."
  type        = string
}

variable "account_id" {
  description = "The AWS account."
  type        = string
}

variable "repository" {
  description = "OWNER/NAME on GitHub, in the very case it has there; OWNER@NUMBER/NAME@NUMBER where its tokens say so."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$", var.repository))
    error_message = "Give OWNER/NAME or OWNER@NUMBER/NAME@NUMBER."
  }
}
