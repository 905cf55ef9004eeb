output "plan_role_arn" {
  description = "For the variable AWS_PLAN_ROLE of the GitHub environment `<environment>-plan`."
  value       = aws_iam_role.this["plan"].arn
}

output "apply_role_arn" {
  description = "For the variable AWS_APPLY_ROLE of the GitHub environment `<environment>-apply`."
  value       = aws_iam_role.this["apply"].arn
}
