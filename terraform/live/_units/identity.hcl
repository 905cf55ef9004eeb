locals {
  environment = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
  region      = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals
}

terraform {
  source = "${get_repo_root()}/terraform/modules//identity"
}

dependency "encryption" {
  config_path                             = "${get_terragrunt_dir()}/../encryption"
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs = {
    key_arn = "arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-0000-0000-000000000000"
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

dependency "database" {
  config_path                             = "${get_terragrunt_dir()}/../database"
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs = {
    host             = "secondhand-mock.eu-central-1.rds.amazonaws.com"
    name             = "secondhand"
    site_secret_arn  = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:secondhand-mock-site-mock"
    owner_secret_arn = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:rds!db-mock"
  }
}

dependency "images" {
  config_path                             = "${get_terragrunt_dir()}/../images"
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs = {
    bucket_arn = "arn:aws:s3:::secondhand-mock-pictures-000000000000"
    storage    = "s3://secondhand-mock-pictures-000000000000/pictures"
  }
}

inputs = {
  name             = "secondhand-${local.environment.name}"
  cluster_name     = dependency.cluster.outputs.name
  namespace        = local.environment.name
  site_secret_arn  = dependency.database.outputs.site_secret_arn
  owner_secret_arn = dependency.database.outputs.owner_secret_arn
  bucket_arn       = dependency.images.outputs.bucket_arn
  key_arn          = dependency.encryption.outputs.key_arn
}
