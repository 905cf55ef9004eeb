locals {
  environment = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
  region      = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals
}

terraform {
  source = "${get_repo_root()}/terraform/modules//cluster"
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

inputs = {
  name                = "secondhand-${local.environment.name}"
  kubernetes_version  = "1.35"
  subnet_ids          = dependency.network.outputs.private_subnet_ids
  key_arn             = dependency.encryption.outputs.key_arn
  api_cidrs           = local.environment.api_cidrs
  administrators      = local.environment.administrators
  deletion_protection = local.environment.deletion_protection
}
