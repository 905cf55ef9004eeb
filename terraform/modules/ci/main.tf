# What GitHub Actions may do in this account, without a stored key. The subject names a GitHub environment, whose rules
# (reviewers, branches) decide who can start such a job: `<environment>-plan` reads, `<environment>-apply` changes. It is
# not the environment that deploy-dev.yml runs in: what builds an image must not be able to change the account.
locals {
  subjects = {
    plan  = "repo:${var.repository}:environment:${var.environment}-plan"
    apply = "repo:${var.repository}:environment:${var.environment}-apply"
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "this" {
  for_each = local.subjects

  name                 = "${var.name}-ci-${each.key}"
  max_session_duration = 7200

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      # StringEquals: ForAllValues would let a token without the claim through.
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = each.value
        }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "plan" {
  role       = aws_iam_role.this["plan"].name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy_attachment" "apply" {
  role       = aws_iam_role.this["apply"].name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

# PowerUserAccess leaves IAM out; of it, only what carries the environment's name, but for the roles of this module:
# people change those. Whoever makes roles can give them rights, so an apply is to be approved as an administrator's.
resource "aws_iam_role_policy" "apply" {
  name = "own-roles"
  role = aws_iam_role.this["apply"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "RolesOfThisEnvironment"
        Effect = "Allow"
        Action = [
          "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
          "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole",
          "iam:ListRolePolicies", "iam:PassRole", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole",
          "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
        ]
        Resource = "arn:aws:iam::${var.account_id}:role/${var.name}-*"
      },
      {
        Sid    = "NotItsOwn"
        Effect = "Deny"
        Action = [
          "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
          "iam:PassRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
        ]
        Resource = "arn:aws:iam::${var.account_id}:role/${var.name}-ci-*"
      },
      {
        Sid      = "TheProviderItself"
        Effect   = "Allow"
        Action   = ["iam:GetOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"]
        Resource = aws_iam_openid_connect_provider.github.arn
      },
    ]
  })
}
