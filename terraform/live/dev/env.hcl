# Cheap where that risks nothing but time: one NAT gateway, no standby, a small database.
locals {
  name       = "dev"
  account_id = "111111111111"
  repository = "secondhand/secondhand"

  host    = "dev.shop.example"
  zone_id = "Z0000000000000000DEV"

  cidr         = "10.10.0.0/16"
  nat_per_zone = false

  api_cidrs           = ["203.0.113.0/24"]
  administrators      = { people = "arn:aws:iam::111111111111:role/administrators" }
  alarm_emails        = [] # who is told when the database needs somebody
  deletion_protection = false

  database = {
    instance_class = "db.t4g.small"
    storage_gb     = 20
    multi_az       = false
    backup_days    = 7
  }
}
