variable "name" {
  description = "Name of the cluster, for example secondhand-dev."
  type        = string
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes; the chart is checked against the same one."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of nodes and pods."
  type        = list(string)
}

variable "key_arn" {
  description = "The key that encrypts Kubernetes secrets and the control plane's logs."
  type        = string
}

variable "api_cidrs" {
  description = "Addresses that may reach the Kubernetes API from outside the network; none closes it to all."
  type        = list(string)
  default     = []

  validation {
    condition     = !contains(var.api_cidrs, "0.0.0.0/0")
    error_message = "The Kubernetes API is not for everybody: name the addresses that need it."
  }
}

variable "administrators" {
  description = "IAM roles that administer the cluster, by a name of their own."
  type        = map(string)
  default     = {}
}

variable "deletion_protection" {
  description = "Refuse to delete the cluster."
  type        = bool
  default     = true
}
