# The loss of a zone is survived, and any second of the last 35 days can be restored.
locals {
  name       = "prod"
  account_id = "333333333333"
  repository = "secondhand/secondhand"

  host    = "shop.example"
  zone_id = "Z000000000000000PROD"

  cidr         = "10.30.0.0/16"
  nat_per_zone = true

  api_cidrs           = ["203.0.113.0/24"]
  administrators      = { people = "arn:aws:iam::333333333333:role/administrators" }
  alarm_emails        = [] # who is told when the database needs somebody
  deletion_protection = true

  database = {
    instance_class = "db.m8g.large"
    storage_gb     = 100
    multi_az       = true
    backup_days    = 35
  }
}
