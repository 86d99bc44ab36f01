import { isIP, isIPv4, isIPv6 } from 'node:net'

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const DURATION = /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$|^0$/

const isDate = (text: string): boolean => {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)
  return match !== null && new Date(`${text}T00:00:00Z`).getUTCDate() === Number(match[3])
}

const isCidr = (text: string): boolean => {
  const [address = '', bits = ''] = text.split('/')
  return isIP(address) > 0 && /^\d+$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128)
}

/** The formats that the API server checks; any other name is only documentation. */
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) =>
    /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
  date: isDate,
  duration: (text) => DURATION.test(text),
  byte: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0,
  uri: (text) => URL.canParse(text),
  email: (text) => /^[^@\s]+@[^@\s]+$/.test(text),
  hostname: (text) => text.length <= 255 && text.split('.').every((part) => LABEL.test(part.toLowerCase())),
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: isCidr,
  mac: (text) => /^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$/.test(text),
  uuid: (text) => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text),
  password: () => true,
}

/** Whether a text has a format; `true` for a format that nobody checks. */
export const hasFormat = (text: string, format: string): boolean => formats[format]?.(text) ?? true
