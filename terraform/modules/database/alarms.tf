# What somebody should be woken for. Each description says what to do; the thresholds:
locals {
  mebibyte = 1024 * 1024

  alarms = {
    # RDS enlarges the storage when a tenth is left, once in six hours at most. Half of that: it has not, or may not.
    storage = {
      metric    = "FreeStorageSpace", statistic = "Minimum", compare = "LessThanThreshold", missing = "missing"
      threshold = var.storage_gb * 1024 * local.mebibyte / 20
      meaning   = "Storage is nearly full, and without any the shop can only read: raise storage_gb in env.hcl and apply."
    }
    # The smallest instance class has 190 connections or so; twelve copies of the site, with ten each, have 120.
    connections = {
      metric    = "DatabaseConnections", statistic = "Maximum", compare = "GreaterThanThreshold", missing = "missing"
      threshold = 150
      meaning   = "More connections than the site should have: pg_stat_activity says whose, and when none is left the shop answers 503."
    }
    # PostgreSQL keeps most memory for itself and the cache, on purpose; this little is left before the kernel kills it.
    memory = {
      metric    = "FreeableMemory", statistic = "Minimum", compare = "LessThanThreshold", missing = "missing"
      threshold = 100 * local.mebibyte
      meaning   = "Memory is nearly exhausted: a bigger instance_class, as the runbook says of a database that is too busy."
    }
    # Pages wait for each other from here on. The classes t4g are not slowed down when credits are spent, only charged for
    # it, so their balance is no alarm. An instance that is up says how busy it is: silence means that it is not.
    processor = {
      metric    = "CPUUtilization", statistic = "Average", compare = "GreaterThanThreshold", missing = "breaching"
      threshold = 90
      meaning   = "The database has been busy without a pause, or says nothing: Performance Insights shows with what; the runbook, how it gets a bigger instance_class."
    }
    # PostgreSQL stops writing at 2.1 thousand million; autovacuum holds it near 200 million while it can work.
    transactions = {
      metric    = "MaximumUsedTransactionIDs", statistic = "Maximum", compare = "GreaterThanThreshold", missing = "missing"
      threshold = 1000 * 1000 * 1000
      meaning   = "Autovacuum has not kept up for long: end transactions that stay open and prepared ones, and vacuum the oldest tables by hand."
    }
  }
}

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.key_arn
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each = toset(var.alarm_emails)

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-database-${each.key}"
  alarm_description   = each.value.meaning
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = aws_db_instance.this.identifier }
  statistic           = each.value.statistic
  comparison_operator = each.value.compare
  threshold           = each.value.threshold
  # A quarter of an hour: a failover or a backup is over by then.
  period             = 300
  evaluation_periods = 3
  treat_missing_data = each.value.missing
  alarm_actions      = [aws_sns_topic.alarms.arn]
  ok_actions         = [aws_sns_topic.alarms.arn]
}
