import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface CloudFrontServer {
  readonly url: string;
  /** `GET /2020-05-31/distribution/…`, with what was sent. */
  readonly requests: { readonly url: string; readonly body: string }[];
  /** Of the origin `site`; empty, or with a slash in front. */
  originPath: string;
  /** `Deployed`, `InProgress`. An update begins `InProgress`. */
  status: string;
  /** Answers the next one so. */
  refuse(status: number, code: string, message: string): void;
  /** Answers the next update so, whatever is asked before it. */
  refuseUpdate(status: number, code: string): void;
}

const DISTRIBUTION = 'E2EXAMPLE';

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** As much of a distribution's configuration as is required, and an origin that is none of the deploy's. */
const configXml = (originPath: string): string => `<CallerReference>cdk</CallerReference>
<Origins><Quantity>2</Quantity><Items>
<Origin><Id>api</Id><DomainName>api.example</DomainName><OriginPath>/v1</OriginPath></Origin>
<Origin><Id>site</Id><DomainName>site.s3.eu-central-1.amazonaws.com</DomainName><OriginPath>${originPath}</OriginPath></Origin>
</Items></Origins>
<DefaultCacheBehavior><TargetOriginId>site</TargetOriginId><ViewerProtocolPolicy>redirect-to-https</ViewerProtocolPolicy></DefaultCacheBehavior>
<Comment>kept</Comment><Enabled>true</Enabled>`;

/**
 * One distribution of CloudFront (restXml), as far as a site's deploy asks.
 * @see https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
 */
export async function cloudFrontFor(t: TestContext): Promise<CloudFrontServer> {
  let version = 1;
  let refusal: { readonly status: number; readonly body: string } | undefined;
  let ofUpdate: typeof refusal;
  const requests: { readonly url: string; readonly body: string }[] = [];

  const distributionXml = (): string =>
    `<Distribution><Id>${DISTRIBUTION}</Id><ARN>arn:aws:cloudfront::123456789012:distribution/${DISTRIBUTION}</ARN><Status>${self.status}</Status><LastModifiedTime>2026-11-29T06:00:00Z</LastModifiedTime><InProgressInvalidationBatches>0</InProgressInvalidationBatches><DomainName>d1.cloudfront.net</DomainName><DistributionConfig>${configXml(self.originPath)}</DistributionConfig></Distribution>`;
  const errorXml = (code: string, message: string): string =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

  function answer(method: string, url: string, body: string, ifMatch: string | undefined) {
    const isOurs = url.includes(`/distribution/${DISTRIBUTION}`);
    if (!isOurs)
      return {
        status: 404,
        body: errorXml('NoSuchDistribution', 'The specified distribution does not exist.'),
      };
    if (url.endsWith('/invalidation'))
      return {
        status: 201,
        body: '<Invalidation><Id>I1</Id><Status>InProgress</Status><CreateTime>2026-11-29T06:00:00Z</CreateTime></Invalidation>',
      };
    if (method === 'GET') return { status: 200, body: distributionXml() };
    if (ifMatch !== `E${version}`)
      return {
        status: 412,
        body: errorXml('PreconditionFailed', 'The request failed because it did not meet the preconditions.'),
      };
    version += 1;
    self.status = 'InProgress';
    const site = /<Id>site<\/Id>[\s\S]*?<OriginPath>([^<]*)<\/OriginPath>/.exec(body);
    self.originPath = site?.[1] ?? '';
    return { status: 200, body: distributionXml() };
  }

  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const { method = '', url = '', headers } = request;
    requests.push({ url: `${method} ${url.split('?')[0]}`, body });
    const refused = refusal ?? (method === 'PUT' ? ofUpdate : undefined);
    refusal = undefined;
    if (method === 'PUT') ofUpdate = undefined;
    const told = refused ?? answer(method, url.split('?')[0] ?? '', body, headers['if-match']);
    response.writeHead(told.status, { 'content-type': 'text/xml', etag: `E${version}` }).end(told.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const self: CloudFrontServer = {
    url: `http://127.0.0.1:${port}`,
    requests,
    originPath: '',
    status: 'Deployed',
    refuse: (status, code, message) => {
      refusal = { status, body: errorXml(code, message) };
    },
    refuseUpdate: (status, code) => {
      ofUpdate = { status, body: errorXml(code, '') };
    },
  };
  return self;
}
