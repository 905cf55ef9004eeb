output "bucket_arn" {
  description = "The bucket."
  value       = aws_s3_bucket.this.arn
}

output "storage" {
  description = "Where the site keeps pictures, as SECONDHAND_STORAGE takes it."
  value       = "s3://${aws_s3_bucket.this.bucket}/pictures"
}
