mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = {
      arn    = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
      key_id = "00000000-0000-0000-0000-000000000000"
    }
  }
}

variables {
  name       = "secondhand-test"
  account_id = "111111111111"
  region     = "eu-central-1"
}

run "the_key_rotates_and_its_deletion_can_be_undone" {
  command = plan

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key must rotate by itself and wait thirty days before it is deleted."
  }
}

run "only_this_accounts_log_groups_may_use_it" {
  command = plan

  assert {
    condition = [
      for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"]
      if statement.Sid == "LogGroupsOfThisAccount"
    ] == ["arn:aws:logs:eu-central-1:111111111111:*"]
    error_message = "The log service must be held to this account and region."
  }
}

run "alarms_may_use_it_for_this_environments_topics_only" {
  command = plan

  assert {
    condition = [
      for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Condition.ArnLike["kms:EncryptionContext:aws:sns:topicArn"]
      if try(statement.Principal.Service, "") == "cloudwatch.amazonaws.com"
    ] == ["arn:aws:sns:eu-central-1:111111111111:secondhand-test-*"]
    error_message = "CloudWatch must be held to the topics of this environment."
  }
}

run "an_account_has_twelve_digits" {
  command = plan

  variables {
    account_id = "1234"
  }

  expect_failures = [var.account_id]
}
