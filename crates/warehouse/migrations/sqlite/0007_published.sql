-- What is published, for those who read it with SQL: views whose names begin with published_. They follow from the
-- models of the analyses, and are made with the marts. Here is kept how each was made.
CREATE TABLE ops_published_view (
    name       TEXT PRIMARY KEY,
    definition TEXT NOT NULL
);
