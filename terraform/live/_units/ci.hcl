locals {
  environment = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
  region      = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals
}

terraform {
  source = "${get_repo_root()}/terraform/modules//ci"
}

inputs = {
  name        = "secondhand-${local.environment.name}"
  environment = local.environment.name
  account_id  = local.environment.account_id
  repository  = local.environment.repository
}
