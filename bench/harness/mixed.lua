-- What wrk asks for in the section load: pages, drawings, files and the API in turn. Years differ at each
-- request, so that not all of them were asked for before. Prints what it saw as lines of «name number».

local paths = {
	"/", "/analyses/yearly-result", "/quality", "/lines/12", "/dashboard?focus=%d", "/lines?year=%d&q=charges",
	"/lines.csv?year=%d", "/dashboard/result.svg?to=%d", "/reports/income-statement.pdf",
	"/api/v1/analyses/expense-by-category?from=%d", "/api/v1/lines?year=%d&limit=1000", "/api/v1/lines/12",
	"/api/v1/runs", "/api/v1/revisions",
}
local threads = {}
local seen = {}
local turn = 0

function setup(thread)
	table.insert(threads, thread)
end

function request()
	turn = turn + 1
	local path = paths[turn % #paths + 1]:format(2016 + math.random(0, 8))
	return wrk.format("GET", path, { ["Accept-Encoding"] = "gzip, br" })
end

-- Only texts and numbers come back from a thread.
statuses = ""

function response(status)
	seen[status] = (seen[status] or 0) + 1
	statuses = ""
	for known, count in pairs(seen) do
		statuses = statuses .. known .. "=" .. count .. " "
	end
end

function done(summary, latency)
	local sums = {}
	for _, thread in ipairs(threads) do
		for status, count in thread:get("statuses"):gmatch("(%d+)=(%d+)") do
			sums[status] = (sums[status] or 0) + tonumber(count)
		end
	end
	for status, count in pairs(sums) do
		print("status_" .. status .. " " .. count)
	end
	local errors = summary.errors
	print("cut " .. errors.connect + errors.read + errors.write)
	print("over_time " .. errors.timeout)
	print("per_second " .. summary.requests / summary.duration * 1e6)
	print("p50 " .. latency:percentile(50) / 1e6)
	print("p99 " .. latency:percentile(99) / 1e6)
	print("slowest " .. latency.max / 1e6)
end
