output "host" {
  description = "Host name of the instance; it stays the same when the standby takes over."
  value       = aws_db_instance.this.address
}

output "name" {
  description = "The database."
  value       = aws_db_instance.this.db_name
}

output "site_secret_arn" {
  description = "The secret with the log-in of the site."
  value       = aws_secretsmanager_secret.site.arn
}

output "owner_secret_arn" {
  description = "The secret with the log-in of the database's owner, for upgrades."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}
