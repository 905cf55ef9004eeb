locals {
  environment = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
  region      = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals
}

terraform {
  source = "${get_repo_root()}/terraform/modules//database"
}

dependency "encryption" {
  config_path                             = "${get_terragrunt_dir()}/../encryption"
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs = {
    key_arn = "arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-0000-0000-000000000000"
  }
}

dependency "network" {
  config_path                             = "${get_terragrunt_dir()}/../network"
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs = {
    vpc_id              = "vpc-00000000000000000"
    cidr                = "10.0.0.0/16"
    private_subnet_ids  = ["subnet-00000000000000000", "subnet-00000000000000001"]
    database_subnet_ids = ["subnet-00000000000000002", "subnet-00000000000000003"]
  }
}

dependency "cluster" {
  config_path                             = "${get_terragrunt_dir()}/../cluster"
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs = {
    name              = "secondhand-mock"
    security_group_id = "sg-00000000000000000"
  }
}

prevent_destroy = true

inputs = {
  name                     = "secondhand-${local.environment.name}"
  vpc_id                   = dependency.network.outputs.vpc_id
  subnet_ids               = dependency.network.outputs.database_subnet_ids
  client_security_group_id = dependency.cluster.outputs.security_group_id
  key_arn                  = dependency.encryption.outputs.key_arn
  instance_class           = local.environment.database.instance_class
  storage_gb               = local.environment.database.storage_gb
  multi_az                 = local.environment.database.multi_az
  backup_days              = local.environment.database.backup_days
  alarm_emails             = local.environment.alarm_emails
  deletion_protection      = local.environment.deletion_protection
}
