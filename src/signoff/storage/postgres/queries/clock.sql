-- now --
-- The server's time, the one deadlines are judged by.
select clock_timestamp();
