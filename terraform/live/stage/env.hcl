# Like prod in kind, smaller in size: what works here works there.
locals {
  name       = "stage"
  account_id = "222222222222"
  repository = "secondhand/secondhand"

  host    = "stage.shop.example"
  zone_id = "Z00000000000000STAGE"

  cidr         = "10.20.0.0/16"
  nat_per_zone = false

  api_cidrs           = ["203.0.113.0/24"]
  administrators      = { people = "arn:aws:iam::222222222222:role/administrators" }
  alarm_emails        = [] # who is told when the database needs somebody
  deletion_protection = true

  database = {
    instance_class = "db.t4g.small"
    storage_gb     = 20
    multi_az       = true
    backup_days    = 7
  }
}
