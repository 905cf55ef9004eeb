mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/mock" }
  }
}

variables {
  name               = "secondhand-test"
  kubernetes_version = "1.35"
  subnet_ids         = ["subnet-1", "subnet-2"]
  key_arn            = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
}

run "auto_mode_is_whole" {
  command = plan

  assert {
    condition = (
      aws_eks_cluster.this.compute_config[0].enabled &&
      aws_eks_cluster.this.kubernetes_network_config[0].elastic_load_balancing[0].enabled &&
      aws_eks_cluster.this.storage_config[0].block_storage[0].enabled &&
      !aws_eks_cluster.this.bootstrap_self_managed_addons
    )
    error_message = "Compute, load balancing and storage are switched on together, or EKS refuses the cluster."
  }
  assert {
    condition     = contains(jsondecode(aws_iam_role.cluster.assume_role_policy).Statement[0].Action, "sts:TagSession")
    error_message = "Auto Mode's role must allow sts:TagSession."
  }
}

run "the_api_is_closed_to_the_internet_unless_addresses_are_named" {
  command = plan

  assert {
    condition     = !aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].endpoint_private_access
    error_message = "Without addresses the public endpoint must be off."
  }
}

run "the_api_is_never_open_to_everybody" {
  command = plan

  variables {
    api_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.api_cidrs]
}

run "secrets_are_encrypted_and_everything_is_logged" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"])
    error_message = "Kubernetes secrets must be encrypted with the environment's key."
  }
  assert {
    condition     = length(aws_eks_cluster.this.enabled_cluster_log_types) == 5
    error_message = "All five kinds of control-plane logs must be kept."
  }
}

run "administrators_are_access_entries" {
  command = plan

  variables {
    administrators = { people = "arn:aws:iam::111111111111:role/administrators" }
  }

  assert {
    condition     = aws_eks_access_policy_association.administrator["people"].access_scope[0].type == "cluster"
    error_message = "Each administrator gets the cluster's administrator policy."
  }
}
