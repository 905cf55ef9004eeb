output "arn" {
  description = "The certificate, once AWS has accepted the proof of ownership."
  value       = aws_acm_certificate_validation.this.certificate_arn
}
