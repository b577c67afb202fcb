/**
 * What webhooks are sent to: a function URL; an HTTP API of API Gateway; an API behind CloudFront with a web ACL of WAF
 * (of scope CLOUDFRONT, by its ARN); or nothing.
 */
export type EndpointKind = 'url' | 'api' | 'none' | { readonly webAcl: string };
