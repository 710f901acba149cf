-- Asks Haoma who is there before HAProxy lets a request through to the site: docs/proxies.md.

-- What the site is told.
local told = { "x-haoma-user-id", "x-haoma-name", "x-haoma-mobile", "x-haoma-session" }
-- What belongs to one connection or to a body, and is not passed on.
local hop = {
  ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["host"] = true, ["keep-alive"] = true,
  ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true, ["transfer-encoding"] = true, ["upgrade"] = true,
}
local away = [[<!doctype html><meta name="viewport" content="width=device-width"><title>503</title>
<p>暂时无法打开这个页面，请稍后再试。<p lang="en">This page cannot be shown just now. Please try again in a moment.]]

-- The values of one header; HAProxy counts them from 0.
local function list(values)
  local copy = {}
  for at = 0, #values do copy[at + 1] = values[at] end
  return copy
end

local function question(txn)
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
  local answer = core.httpclient():get({ url = url, headers = question(txn), timeout = 20000 })
  local status = answer and answer.status or 0
  if status == 200 then
    for _, name in ipairs(told) do txn.http:req_set_header(name, answer.headers[name][0]) end
    -- HAProxy goes on after an error in this script, so it has to be told that there was none.
    txn:set_var("txn.haoma", "yes")
  -- Only Haoma's own answers have a name.
  elseif status ~= 0 and answer.headers and answer.headers["x-request-id"] then
    refuse(txn, status, answer.headers, answer.body)
  else
    local headers = {
      ["content-type"] = { [0] = "text/html; charset=utf-8" },
      ["retry-after"] = { [0] = "5" },
      ["cache-control"] = { [0] = "no-store" },
    }
    refuse(txn, 503, headers, away)
  end
end, 1)
