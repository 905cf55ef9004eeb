locals {
  environment = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
  region      = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals
}

terraform {
  source = "${get_repo_root()}/terraform/modules//encryption"
}

# Without the key nothing that was kept can be read again.
prevent_destroy = true

inputs = {
  name       = "secondhand-${local.environment.name}"
  account_id = local.environment.account_id
  region     = local.region.name
}
