variable "name" {
  description = "Name of the environment's resources, for example secondhand-dev."
  type        = string
}

variable "account_id" {
  description = "The AWS account; part of the bucket's name, which nobody else in the world may have."
  type        = string
}

variable "key_arn" {
  description = "The key that encrypts the pictures."
  type        = string
}

variable "undelete_days" {
  description = "How long a deleted or overwritten picture can be brought back."
  type        = number
  default     = 30
}
