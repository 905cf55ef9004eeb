mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/secondhand-test-shop" }
  }
}

variables {
  name             = "secondhand-test"
  cluster_name     = "secondhand-test"
  namespace        = "test"
  site_secret_arn  = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:secondhand-test-site-1"
  owner_secret_arn = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:rds!db-1"
  bucket_arn       = "arn:aws:s3:::secondhand-test-pictures-111111111111"
  key_arn          = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
}

run "the_pods_may_do_this_and_nothing_more" {
  command = plan

  assert {
    condition = flatten([for statement in jsondecode(aws_iam_role_policy.this["site"].policy).Statement : statement.Action]) == [
      "secretsmanager:GetSecretValue",
      "s3:GetObject", "s3:PutObject", "s3:DeleteObject",
      "s3:ListBucket",
      "kms:Decrypt", "kms:GenerateDataKey",
    ]
    error_message = "The list of actions permitted to the site has changed: look at each."
  }
  assert {
    condition = flatten([for statement in jsondecode(aws_iam_role_policy.this["owner"].policy).Statement : statement.Action]) == [
      "secretsmanager:GetSecretValue",
      "secretsmanager:PutSecretValue",
      "s3:GetObject",
      "s3:GetObject", "s3:PutObject", "s3:DeleteObject",
      "s3:ListBucket",
      "kms:Decrypt", "kms:GenerateDataKey",
    ]
    error_message = "The list of actions permitted to the owner's jobs has changed: look at each."
  }
  assert {
    condition     = alltrue([for each in aws_iam_role_policy.this : !strcontains(each.policy, "\"Resource\":\"*\"")])
    error_message = "Every permission must name what it is for."
  }
}

run "the_site_reaches_neither_the_owners_secret_nor_the_old_shop" {
  command = plan

  assert {
    condition     = !strcontains(aws_iam_role_policy.this["site"].policy, var.owner_secret_arn) && !strcontains(aws_iam_role_policy.this["site"].policy, "legacy")
    error_message = "What the owner's jobs need must not be in the policy of the site."
  }
  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this["owner"].policy).Statement : statement.Resource if startswith(statement.Sid, "Password") || statement.Sid == "OldShop"] == [
      var.site_secret_arn,
      "arn:aws:s3:::secondhand-test-pictures-111111111111/legacy/*",
    ]
    error_message = "The owner's jobs write the site's secret only, and read the old shop's files in a folder of their own."
  }
}

run "only_the_shops_own_service_accounts_take_the_roles" {
  command = plan

  assert {
    condition = (
      { for name, each in aws_eks_pod_identity_association.this : name => "${each.namespace}/${each.service_account}" } ==
      { site = "test/secondhand", owner = "test/secondhand-owner" }
    )
    error_message = "Each role belongs to one ServiceAccount in one namespace."
  }
  assert {
    condition     = alltrue([for each in aws_iam_role.this : jsondecode(each.assume_role_policy).Statement[0].Principal.Service == "pods.eks.amazonaws.com"])
    error_message = "Only EKS Pod Identity gives the roles out."
  }
}
