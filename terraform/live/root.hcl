# What every unit shares: where its state is, which account it may touch, how its resources are tagged.
locals {
  environment = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
  region      = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals
}

terraform_version_constraint  = ">= 1.11"
terragrunt_version_constraint = ">= 1.0"

# One state per unit, locked by a file beside it: S3 locks natively since Terraform 1.11.
remote_state {
  backend = "s3"
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }
  config = {
    bucket       = "secondhand-${local.environment.name}-state-${local.environment.account_id}"
    key          = "${path_relative_to_include()}/terraform.tfstate"
    region       = local.region.name
    encrypt      = true
    use_lockfile = true
  }
}

# Credentials of another account are refused before anything is read or changed.
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<-EOF
    provider "aws" {
      region              = "${local.region.name}"
      allowed_account_ids = ["${local.environment.account_id}"]

      default_tags {
        tags = {
          Application = "secondhand"
          Environment = "${local.environment.name}"
          ManagedBy   = "terraform"
          Unit        = "${path_relative_to_include()}"
        }
      }
    }
  EOF
}
