locals {
  environment = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
  region      = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals
}

terraform {
  source = "${get_repo_root()}/terraform/modules//network"
}

dependency "encryption" {
  config_path                             = "${get_terragrunt_dir()}/../encryption"
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs = {
    key_arn = "arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-0000-0000-000000000000"
  }
}

inputs = {
  name               = "secondhand-${local.environment.name}"
  region             = local.region.name
  cidr               = local.environment.cidr
  availability_zones = local.region.availability_zones
  nat_per_zone       = local.environment.nat_per_zone
  key_arn            = dependency.encryption.outputs.key_arn
}
