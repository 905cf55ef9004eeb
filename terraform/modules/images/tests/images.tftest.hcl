mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::secondhand-test-pictures-111111111111" }
  }
}

variables {
  name       = "secondhand-test"
  account_id = "111111111111"
  key_arn    = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
}

run "the_bucket_is_private_in_every_way" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "All four doors to the public must be shut."
  }
  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "Access lists must be off."
  }
}

run "plain_and_outdated_connections_are_refused" {
  assert {
    condition = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : "${statement.Effect} ${statement.Sid}"] == [
      "Deny EncryptedConnectionsOnly", "Deny ModernEncryptionOnly",
    ]
    error_message = "Connections without TLS 1.2 must be denied."
  }
}

run "what_was_deleted_by_mistake_comes_back_and_then_really_goes" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Old versions must be kept."
  }
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[0].noncurrent_version_expiration[0].noncurrent_days == 30
    error_message = "Old versions must go after thirty days."
  }
}

run "the_site_is_told_the_bucket_and_the_folder" {
  command = plan

  assert {
    condition     = output.storage == "s3://secondhand-test-pictures-111111111111/pictures"
    error_message = "The output must be what SECONDHAND_STORAGE takes."
  }
}
