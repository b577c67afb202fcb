export const handler = async () => ({ statusCode: 200, body: 'Hello from 1.1.0' });
