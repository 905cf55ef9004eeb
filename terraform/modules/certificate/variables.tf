variable "host" {
  description = "The host people type, for example shop.example."
  type        = string
}

variable "zone_id" {
  description = "The Route 53 zone that host is in."
  type        = string
}
