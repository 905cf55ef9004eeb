locals {
  environment = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
  region      = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals
}

terraform {
  source = "${get_repo_root()}/terraform/modules//certificate"
}

inputs = {
  host    = local.environment.host
  zone_id = local.environment.zone_id
}
