variable "name" {
  description = "Name of the instance, for example secondhand-dev."
  type        = string
}

variable "database" {
  description = "The database to create in it."
  type        = string
  default     = "secondhand"
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets without a way out, in at least two zones."
  type        = list(string)
}

variable "client_security_group_id" {
  description = "The security group whose members may connect."
  type        = string
}

variable "key_arn" {
  description = "The key that encrypts storage, backups, the password and the logs."
  type        = string
}

variable "engine_version" {
  description = "PostgreSQL, major or major.minor."
  type        = string
  default     = "18"
}

variable "instance_class" {
  description = "Size of the instance."
  type        = string
}

variable "storage_gb" {
  description = "Storage in GB; it grows by itself up to ten times that."
  type        = number

  validation {
    condition     = var.storage_gb >= 20
    error_message = "gp3 storage starts at 20 GB."
  }
}

variable "multi_az" {
  description = "A standby in another zone that takes over by itself."
  type        = bool
  default     = true
}

variable "backup_days" {
  description = "How far back any second can be restored."
  type        = number
  default     = 30

  validation {
    condition     = var.backup_days >= 7 && var.backup_days <= 35
    error_message = "RDS keeps backups for up to 35 days; fewer than 7 is too few."
  }
}

variable "rotation_days" {
  description = "How often the owner's password changes."
  type        = number
  default     = 30
}

variable "deletion_protection" {
  description = "Refuse to delete the instance."
  type        = bool
  default     = true
}

variable "alarm_emails" {
  description = "Who is told of alarms, once they have confirmed it in the letter that AWS sends them first."
  type        = list(string)

  validation {
    condition     = alltrue([for each in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+$", each))])
    error_message = "Alarms go to e-mail addresses."
  }
}
