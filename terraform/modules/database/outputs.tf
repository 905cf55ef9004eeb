output "host" {
  description = "Host name of the instance; it stays the same when the standby takes over."
  value       = aws_db_instance.this.address
}

output "name" {
  description = "The database."
  value       = aws_db_instance.this.db_name
}

output "secret_arn" {
  description = "The secret with the user name and the password."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}
