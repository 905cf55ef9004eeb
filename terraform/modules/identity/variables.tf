variable "name" {
  description = "Name of the environment's resources, for example secondhand-dev."
  type        = string
}

variable "cluster_name" {
  description = "The cluster whose pods take the role."
  type        = string
}

variable "namespace" {
  description = "Their namespace: the environment's name."
  type        = string
}

variable "service_account" {
  description = "Their ServiceAccount: the release's name."
  type        = string
  default     = "secondhand"
}

variable "secret_arn" {
  description = "The secret with the database's user name and password."
  type        = string
}

variable "bucket_arn" {
  description = "The bucket with the pictures."
  type        = string
}

variable "key_arn" {
  description = "The key that encrypts both."
  type        = string
}
