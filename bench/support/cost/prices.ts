/**
 * Prices in USD, us-east-1, on demand, without free tiers, as of November 2026: check them before you quote a sum.
 * @see https://aws.amazon.com/lambda/pricing/ and the pages of the other services
 */
export const PRICES_AS_OF = 'us-east-1, November 2026';

export const PRICES = {
  /** arm64. */
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  s3Put: 0.005 / 1e3,
  s3Get: 0.0004 / 1e3,
  s3GbMonth: 0.023,
  sqsFifoRequest: 0.5 / 1e6,
  sqsStandardRequest: 0.4 / 1e6,
  /** Our own events, and S3's of each object that is put or deleted ("opt-in data events"). */
  event: 1 / 1e6,
  logGb: 0.5,
  trace: 5 / 1e6,
  alarmMonth: 0.1,
  metricMonth: 0.3,
  dashboardMonth: 3,
  secretMonth: 0.4,
} as const;
