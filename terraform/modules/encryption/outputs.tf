output "key_arn" {
  description = "The key that encrypts what the environment keeps."
  value       = aws_kms_key.this.arn
}
