# What the shop's pods may do in AWS, through EKS Pod Identity. The site's read one secret and use one folder of one
# bucket. The jobs that upgrade the schema and move the old shop read the secret of the database's owner instead, write
# the site's, and read the old shop's files.
locals {
  picture_folders = { site = ["pictures/*"], owner = ["pictures/*", "legacy/*"] }

  secrets = {
    site = [{
      Sid      = "DatabasePassword"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = var.site_secret_arn
    }]
    owner = [
      {
        Sid      = "DatabasePassword"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = var.owner_secret_arn
      },
      {
        Sid      = "PasswordOfTheSite"
        Effect   = "Allow"
        Action   = ["secretsmanager:PutSecretValue"]
        Resource = var.site_secret_arn
      },
      {
        Sid      = "OldShop"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = "${var.bucket_arn}/legacy/*"
      },
    ]
  }
}

resource "aws_iam_role" "this" {
  for_each = local.secrets

  name = "${var.name}-${each.key}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.secrets

  name = each.key
  role = aws_iam_role.this[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(each.value, [
      {
        Sid      = "Pictures"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
        Resource = "${var.bucket_arn}/pictures/*"
      },
      {
        Sid       = "WhatIsThere"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = var.bucket_arn
        Condition = { StringLike = { "s3:prefix" = local.picture_folders[each.key] } }
      },
      {
        Sid      = "TheirKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = var.key_arn
      },
    ])
  })
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = { site = var.service_account, owner = "${var.service_account}-owner" }

  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = each.value
  role_arn        = aws_iam_role.this[each.key].arn
}
