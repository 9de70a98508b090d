import { get } from 'node:https'
import { expect, test } from 'vitest'
import { firstCertificate, secondCertificate } from '../test/certificates.ts'
import { connect } from '../test/client.ts'
import { startServer } from '../test/servers.ts'

test('serves wss and https with a certificate of its own', async () => {
  const server = await startServer({ tls: firstCertificate })
  expect(server.url).toMatch(/^wss:/)
  const client = await connect(server.url, { ca: firstCertificate.cert })
  expect(await client.flush()).toEqual([])
  const status = await new Promise((resolve) => {
    get(server.url.replace('wss', 'https'), { ca: firstCertificate.cert }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
  })
  expect(status).toBe(200)
})

test('takes a renewed certificate without closing a socket', async () => {
  const server = await startServer({ tls: firstCertificate })
  const before = await connect(server.url, { ca: firstCertificate.cert })
  server.setCertificate(secondCertificate)
  await expect(connect(server.url, { ca: firstCertificate.cert })).rejects.toThrow('self-signed certificate')
  await connect(server.url, { ca: secondCertificate.cert })
  expect(await before.flush()).toEqual([])
})

test('has no certificate to renew without TLS', async () => {
  const server = await startServer()
  expect(() => server.setCertificate(firstCertificate)).toThrow(TypeError)
})
