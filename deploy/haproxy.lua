-- Asks Haoma who is signed in before HAProxy lets a request through to the site: docs/proxies.md.

-- The headers that the site gets.
local identity = { "x-haoma-user-id", "x-haoma-name", "x-haoma-mobile", "x-haoma-session" }
-- Headers that belong to one connection or to a body and are not passed on.
local hop = {
  ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["host"] = true, ["keep-alive"] = true,
  ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true, ["transfer-encoding"] = true, ["upgrade"] = true,
}
local unavailable = [[<!doctype html><meta name="viewport" content="width=device-width"><title>503</title>
<p>暂时无法打开这个页面，请稍后再试。<p lang="en">This page cannot be shown just now. Please try again in a moment.]]

-- The values of one header as a list; HAProxy counts them from 0.
local function list(values)
  local copy = {}
  for index = 0, #values do copy[index + 1] = values[index] end
  return copy
end

-- The headers of the request to Haoma.
local function request_headers(txn)
  local headers = {}
  for name, values in pairs(txn.http:req_get_headers()) do
    if not hop[name] then headers[name] = list(values) end
  end
  headers["host"] = { txn.sf:req_hdr("host") }
  headers["x-forwarded-host"] = headers["host"]
  headers["x-forwarded-method"] = { txn.sf:method() }
  headers["x-forwarded-uri"] = { txn.sf:pathq() }
  return headers
end

local function refuse(txn, status, headers, body)
  local reply = txn:reply({ status = status })
  for name, values in pairs(headers) do
    if not hop[name] then
      for _, value in ipairs(list(values)) do reply:add_header(name, value) end
    end
  end
  reply:set_body(body)
  txn:done(reply)
end

-- http-request lua.haoma ADDRESS:PORT
core.register_action("haoma", { "http-req" }, function(txn, address)
  local url = "http://" .. address .. "/api/v1/forward-auth"
  local answer = core.httpclient():get({ url = url, headers = request_headers(txn), timeout = 20000 })
  local status = answer and answer.status or 0
  if status == 200 then
    for _, name in ipairs(identity) do txn.http:req_set_header(name, answer.headers[name][0]) end
    -- HAProxy continues after an error in this script, so this variable says that there was none.
    txn:set_var("txn.haoma", "yes")
  -- Only Haoma's own answers have this header.
  elseif status ~= 0 and answer.headers and answer.headers["x-request-id"] then
    refuse(txn, status, answer.headers, answer.body)
  else
    local headers = {
      ["content-type"] = { [0] = "text/html; charset=utf-8" },
      ["retry-after"] = { [0] = "5" },
      ["cache-control"] = { [0] = "no-store" },
    }
    refuse(txn, 503, headers, unavailable)
  end
end, 1)
