mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/secondhand-test-shop" }
  }
}

variables {
  name         = "secondhand-test"
  cluster_name = "secondhand-test"
  namespace    = "test"
  secret_arn   = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:rds!db-1"
  bucket_arn   = "arn:aws:s3:::secondhand-test-pictures-111111111111"
  key_arn      = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
}

run "the_pods_may_do_this_and_nothing_more" {
  command = plan

  assert {
    condition = flatten([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Action]) == [
      "secretsmanager:GetSecretValue",
      "s3:GetObject", "s3:PutObject", "s3:DeleteObject",
      "s3:GetObject",
      "s3:ListBucket",
      "kms:Decrypt", "kms:GenerateDataKey",
    ]
    error_message = "The list of permitted actions has changed: look at each."
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.this.policy, "\"Resource\":\"*\"")
    error_message = "Every permission must name what it is for."
  }
  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource if statement.Sid == "OldShop"] == [
      "arn:aws:s3:::secondhand-test-pictures-111111111111/legacy/*",
    ]
    error_message = "The old shop's files are read only, in a folder of their own."
  }
}

run "only_the_shops_own_service_account_takes_the_role" {
  command = plan

  assert {
    condition = (
      aws_eks_pod_identity_association.this.namespace == "test" &&
      aws_eks_pod_identity_association.this.service_account == "secondhand" &&
      jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal.Service == "pods.eks.amazonaws.com"
    )
    error_message = "The role belongs to one ServiceAccount in one namespace."
  }
}
