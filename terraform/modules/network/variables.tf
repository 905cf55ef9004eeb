variable "name" {
  description = "Name of the environment's resources, for example secondhand-dev."
  type        = string
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "cidr" {
  description = "Addresses of the network; a /16 gives each zone 16,384 for nodes and pods."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && tonumber(split("/", var.cidr)[1]) <= 18
    error_message = "Give a network of /18 or larger, for example 10.10.0.0/16."
  }
}

variable "availability_zones" {
  description = "Two or three zones of the region."
  type        = list(string)

  validation {
    condition     = contains([2, 3], length(var.availability_zones))
    error_message = "EKS and a Multi-AZ database need two zones; the address plan has room for three."
  }
}

variable "nat_per_zone" {
  description = "A NAT gateway in each zone, so that the loss of one zone cuts no other off; otherwise one for all."
  type        = bool
  default     = true
}

variable "key_arn" {
  description = "The key that encrypts the flow logs."
  type        = string
}
