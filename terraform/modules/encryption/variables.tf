variable "name" {
  description = "Name of the environment's resources, for example secondhand-dev."
  type        = string
}

variable "account_id" {
  description = "The AWS account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An AWS account has twelve digits."
  }
}

variable "region" {
  description = "The AWS region."
  type        = string
}
