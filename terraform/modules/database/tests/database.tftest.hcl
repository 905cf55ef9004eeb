mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/mock" }
  }
  mock_resource "aws_db_instance" {
    defaults = {
      address            = "secondhand-test.example.eu-central-1.rds.amazonaws.com"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:rds!db-1", secret_status = "active", kms_key_id = "mock" }]
    }
  }
}

variables {
  name                     = "secondhand-test"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-1", "subnet-2"]
  client_security_group_id = "sg-1"
  key_arn                  = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
  instance_class           = "db.t4g.small"
  storage_gb               = 20
}

run "nobody_but_the_pods_reaches_the_database" {
  command = plan

  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_vpc_security_group_ingress_rule.pods.referenced_security_group_id == "sg-1"
    error_message = "Only members of the clients' security group may connect."
  }
  assert {
    condition     = one([for each in aws_db_parameter_group.this.parameter : each.value if each.name == "rds.force_ssl"]) == "1"
    error_message = "Connections must be encrypted."
  }
}

run "what_it_keeps_is_encrypted_backed_up_and_hard_to_lose" {
  command = plan

  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == var.key_arn
    error_message = "Storage must be encrypted with the environment's key."
  }
  assert {
    condition     = aws_db_instance.this.multi_az && aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot
    error_message = "By default there is a standby, and neither a delete nor the last snapshot goes by default."
  }
  assert {
    condition     = aws_db_instance.this.backup_retention_period == 30
    error_message = "Any second of the last thirty days can be restored by default."
  }
}

run "rds_makes_the_password_and_it_is_rotated" {
  assert {
    condition     = aws_db_instance.this.manage_master_user_password
    error_message = "RDS must make the password, so that it is in no configuration and no state."
  }
  assert {
    condition     = aws_secretsmanager_secret_rotation.this.rotation_rules[0].automatically_after_days == 30
    error_message = "The rotation interval must be said."
  }
  assert {
    condition     = output.owner_secret_arn == "arn:aws:secretsmanager:eu-central-1:111111111111:secret:rds!db-1"
    error_message = "The secret's ARN is what upgrades are told."
  }
}

run "the_site_has_a_secret_of_its_own_which_terraform_leaves_empty" {
  assert {
    condition     = aws_secretsmanager_secret.site.kms_key_id == var.key_arn
    error_message = "It must be encrypted with the environment's key."
  }
  assert {
    condition     = output.site_secret_arn == aws_secretsmanager_secret.site.arn && output.site_secret_arn != output.owner_secret_arn
    error_message = "The site must not be told the owner's secret."
  }
}

run "the_parameter_group_follows_the_version" {
  command = plan

  variables {
    engine_version = "17.6"
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres17"
    error_message = "The family is named by the major version."
  }
}

run "too_few_backups_are_refused" {
  command = plan

  variables {
    backup_days = 1
  }

  expect_failures = [var.backup_days]
}
