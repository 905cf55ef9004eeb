mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/mock" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111111111111:log-group:mock" }
  }
}

variables {
  name               = "secondhand-test"
  region             = "eu-central-1"
  cidr               = "10.10.0.0/16"
  availability_zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  key_arn            = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
}

run "every_zone_has_a_subnet_of_each_kind_and_none_overlap" {
  command = plan

  assert {
    condition = [for subnet in aws_subnet.private : subnet.cidr_block] == [
      "10.10.0.0/18", "10.10.64.0/18", "10.10.128.0/18",
    ]
    error_message = "Each zone's pods get a quarter of the network."
  }
  assert {
    condition = concat([for subnet in aws_subnet.public : subnet.cidr_block], [for subnet in aws_subnet.database : subnet.cidr_block]) == [
      "10.10.192.0/22", "10.10.196.0/22", "10.10.200.0/22", "10.10.224.0/22", "10.10.228.0/22", "10.10.232.0/22",
    ]
    error_message = "Public and database subnets come from the last quarter."
  }
}

run "a_zone_that_is_lost_cuts_no_other_off" {
  command = plan

  assert {
    condition     = length(aws_nat_gateway.this) == 3
    error_message = "There must be a NAT gateway in each zone."
  }
}

run "one_nat_gateway_serves_every_zone_where_that_is_enough" {
  command = plan

  variables {
    nat_per_zone = false
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.nat) == 3
    error_message = "Three zones must share one NAT gateway."
  }
}

run "the_network_is_large_enough" {
  command = plan

  variables {
    cidr = "10.10.0.0/20"
  }

  expect_failures = [var.cidr]
}

run "one_zone_is_not_enough" {
  command = plan

  variables {
    availability_zones = ["eu-central-1a"]
  }

  expect_failures = [var.availability_zones]
}
