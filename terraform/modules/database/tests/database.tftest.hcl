mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/mock" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:111111111111:secondhand-test-alarms" }
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
  alarm_emails             = ["operator@shop.example"]
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

run "every_alarm_reaches_those_who_are_named" {
  assert {
    condition = alltrue([for each in aws_cloudwatch_metric_alarm.this :
      each.dimensions["DBInstanceIdentifier"] == "secondhand-test" && each.alarm_actions == toset([aws_sns_topic.alarms.arn])
    ])
    error_message = "Each alarm must watch this instance and tell the topic."
  }
  assert {
    condition     = { for address, each in aws_sns_topic_subscription.alarms : address => each.topic_arn } == { "operator@shop.example" = aws_sns_topic.alarms.arn }
    error_message = "Each address must be subscribed to the topic."
  }
  assert {
    condition     = aws_sns_topic.alarms.kms_master_key_id == var.key_arn
    error_message = "CloudWatch may not use the key of AWS for topics: the topic needs the environment's."
  }
}

run "an_alarm_rises_before_it_is_too_late" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["storage"].threshold == 1024 * 1024 * 1024
    error_message = "A twentieth of the storage, in bytes: half of what is left when RDS enlarges it."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["processor"].treat_missing_data == "breaching"
    error_message = "An instance that says nothing must raise an alarm."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["transactions"].threshold < 2100 * 1000 * 1000
    error_message = "PostgreSQL stops writing before that."
  }
}

run "nobody_need_be_told" {
  command = plan

  variables {
    alarm_emails = []
  }

  assert {
    condition     = length(aws_sns_topic_subscription.alarms) == 0 && length(aws_cloudwatch_metric_alarm.this) == 5
    error_message = "Without addresses the alarms are there, to be looked at."
  }
}

run "an_address_is_an_address" {
  command = plan

  variables {
    alarm_emails = ["operator"]
  }

  expect_failures = [var.alarm_emails]
}
