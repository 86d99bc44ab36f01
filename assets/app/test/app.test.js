import assert from 'node:assert/strict'
import { test } from 'node:test'
import { handle } from '../app.js'

/** What the app answers to a GET. */
export function get(url) {
  const answer = { status: 0, body: undefined }
  handle(
    { method: 'GET', url },
    {
      writeHead: (status) => {
        answer.status = status
      },
      end: (text) => {
        answer.body = JSON.parse(text)
      },
    },
  )
  return answer
}

test('lists the users, without any password', () => {
  const { status, body } = get('/listUsers')
  assert.equal(status, 200)
  assert.equal(body['1'].name, 'Ada')
  assert.ok(Object.values(body).every((user) => !('password' in user)))
})

test('tells that it is healthy', () => {
  assert.equal(get('/healthz').status, 200)
})

test('says what it does not find', () => {
  assert.equal(get('/nowhere/at/all').status, 404)
})
