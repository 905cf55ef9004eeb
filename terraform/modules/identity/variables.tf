variable "name" {
  description = "Name of the environment's resources, for example secondhand-dev."
  type        = string
}

variable "cluster_name" {
  description = "The cluster whose pods take the roles."
  type        = string
}

variable "namespace" {
  description = "Their namespace: the environment's name."
  type        = string
}

variable "service_account" {
  description = "The ServiceAccount of the site's pods: the release's name. That of the owner's jobs ends with -owner."
  type        = string
  default     = "secondhand"
}

variable "site_secret_arn" {
  description = "The secret with the site's log-in to the database."
  type        = string
}

variable "owner_secret_arn" {
  description = "The secret with the log-in of the database's owner."
  type        = string
}

variable "bucket_arn" {
  description = "The bucket with the pictures."
  type        = string
}

variable "key_arn" {
  description = "The key that encrypts all of it."
  type        = string
}
